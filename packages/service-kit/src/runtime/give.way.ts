import { getPriority, setPriority } from 'node:os';

/** A third of the processor time of a neighbour of niceness 0, when both want all of it (sched(7)). */
const NICENESS = 5;

/**
 * Lets the gateway, Postgres and Redis have the processors first where a service shares them. The gateway then refuses
 * what is too much at once instead of behind all the work that was let in, and what a query holds is held for less
 * long. Containers are weighed by their runtime instead (`cpu_shares`).
 */
export const giveWay = (): void => {
  // Nobody but root may lower it again.
  if (getPriority() < NICENESS) setPriority(NICENESS);
};
