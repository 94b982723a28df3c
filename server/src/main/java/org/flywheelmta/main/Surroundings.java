package org.flywheelmta.main;

import org.flywheelmta.base.MemoryBudget;

/**
 * What a service is made with.
 *
 * @param doors of the server
 * @param settings of the server
 * @param hostname of the server
 * @param memory the budget of the content that its connections bring, in bytes of capacity
 * @param authentication who may log in
 */
record Surroundings(
    Doors doors,
    Server.Settings settings,
    String hostname,
    MemoryBudget memory,
    Authentication authentication) {}
