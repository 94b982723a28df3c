/**
 * The tests that guard the house. They run first and judge no behaviour, but whether the code keeps
 * to the plan: floors, doors, sizes, names, threads.
 *
 * <p>Each rule is a function from class files ({@link Compiled}) or sources ({@link Sources}) to
 * complaints, which are sentences that say what to do instead. So each rule is shown a fixture that
 * breaks it, beside being shown the house.
 */
@NullMarked
package org.flywheelmta.house;

import org.jspecify.annotations.NullMarked;
