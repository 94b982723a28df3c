/**
 * The simulation: the whole server in one thread under a virtual clock, from a seed.
 *
 * <p>{@link org.flywheelmta.sim.SimWorld} is the driver. It steps actors (loops, workers, threads
 * of pools) one task at a time, picks the next one at random from its seed, and moves the clock to
 * the next deadline when nobody has anything to do. {@link org.flywheelmta.sim.SimPlatform} is one
 * machine of that world: it makes the schedulers, pools and workers of a server, and a power cut
 * drops all of them without running another instruction. {@link org.flywheelmta.sim.SimWire} is the
 * network between machines, {@link org.flywheelmta.sim.SimNetwork} a machine's door to it; {@link
 * org.flywheelmta.sim.SimDns} is the domain name system, with the names of a {@link
 * org.flywheelmta.sim.Zone}. When a {@link org.flywheelmta.disk.SimDisk} of the machine loses its
 * power, at the operation that the scenario has chosen, the driver cuts the machine's in the same
 * step.
 *
 * <p>{@link org.flywheelmta.sim.SimSmtpSink} and {@link org.flywheelmta.sim.SimSmtpClient} are the
 * world outside, written apart from the server's own protocol code so that both cannot be wrong in
 * the same way. {@link org.flywheelmta.sim.SimScenario} lets a server live through the trouble of a
 * {@link org.flywheelmta.sim.Plan}, {@link org.flywheelmta.sim.ServerLives} ends its lives and
 * begins them again, {@link org.flywheelmta.sim.Faults} counts what fired, and {@link
 * org.flywheelmta.sim.Verdict} judges the server by what was acknowledged and what arrived. After
 * each step {@link org.flywheelmta.sim.ServerUnderTest#checkInvariants} says whether all that must
 * hold at any instant holds; what visits every message runs after steps that moved one.
 *
 * <p>{@link org.flywheelmta.sim.DayScenario} is the longer one, with the world of names: the hosts
 * of {@link org.flywheelmta.sim.HostsOfDay}, each an {@link org.flywheelmta.sim.MxHost}, the
 * domains of {@link org.flywheelmta.sim.DomainsOfDay} in the {@link org.flywheelmta.sim.Zone} of a
 * {@link org.flywheelmta.sim.SimDns}, the trouble of {@link org.flywheelmta.sim.DayTroubles} and
 * {@link org.flywheelmta.sim.DnsTroubles}; {@link org.flywheelmta.sim.DayVerdict} judges what
 * became of the {@link org.flywheelmta.sim.Day}.
 *
 * <p>Everything runs on the test's thread, so nothing may wait: {@code sync()} and {@code await()}
 * on a future of a simulated loop would wait for ever. Nothing may depend on identity hash codes or
 * on the order of {@code Set.of} and {@code Map.of}: the same seed then gives the same {@link
 * org.flywheelmta.sim.SimWorld#traceHash}. A task that throws, a channel whose exception nobody
 * handles, and a virtual second with too many steps fail the run with a {@link
 * org.flywheelmta.sim.SimFailure}, which names the seed and the command that replays it.
 */
@NullMarked
package org.flywheelmta.sim;

import org.jspecify.annotations.NullMarked;
