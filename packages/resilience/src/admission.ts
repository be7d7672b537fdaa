/** What is let in last and what first when there is too much to do. `always`: probes and what operators mend things with. */
export type Priority = 'low' | 'normal' | 'high' | 'always';

export interface AdmissionRules {
  /** Most requests under way at once. */
  readonly most: number;
  /** The limit never falls below this, so that a hiccup stops nobody. */
  readonly least: number;
}

/** How much of the limit each priority may fill: the lowest is turned away first. */
const SHARE: Readonly<Record<Priority, number>> = { low: 0.8, normal: 1, high: 1.25, always: Infinity };

/** How much of it each may fill by itself whatever the others have, so that none is shut out by those above it. */
const OWN = 0.15;

/** The limit falls to what the pressure says, and to no less than half at once: one measurement may be a hiccup. */
const DOWN = { least: 0.5, most: 0.9 };
const UP = 1.07;

/** Lets as much in as can be done. */
export interface Admission {
  /** @returns whether it may come in; whoever did must `leave` */
  enter(priority: Priority): boolean;
  /** @param priority as it came in */
  leave(priority: Priority): void;
  /**
   * Called at even intervals: lowers the limit while work waits, the faster the longer it does, and raises it while it
   * does not.
   * @param pressure how long work waits, as a share of what is bearable
   */
  adjust(pressure: number): void;
  readonly limit: number;
  readonly running: number;
}

/**
 * A limit on requests under way that finds its own size (additive and multiplicative changes, as TCP's window), since
 * the best one depends on the machine, the database and what is asked for. Work that waits elsewhere, for a model or a
 * slow client, puts no pressure on the process, so it lowers nothing.
 */
export const createAdmission = ({ most, least }: AdmissionRules): Admission => {
  let limit = most;
  let running = 0;
  let peak = 0;
  const inside: Record<Priority, number> = { low: 0, normal: 0, high: 0, always: 0 };
  return {
    enter(priority) {
      if (running >= limit * SHARE[priority] && inside[priority] >= limit * OWN) return false;
      running += 1;
      inside[priority] += 1;
      peak = Math.max(peak, running);
      return true;
    },
    leave(priority) {
      running -= 1;
      inside[priority] -= 1;
    },
    adjust(pressure) {
      // From what was under way: a limit far above it would have to fall for long before it helped.
      if (pressure > 1)
        limit = Math.max(least, Math.min(limit, peak) * Math.min(DOWN.most, Math.max(DOWN.least, 1 / pressure)));
      else limit = Math.min(most, limit * UP + 1);
      peak = running;
    },
    get limit() {
      return limit;
    },
    get running() {
      return running;
    },
  };
};
