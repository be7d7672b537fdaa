import { z } from 'zod';

/** Asks a side to put events where its worker will find them, without handling any; or to handle so many. */
export const Seed = z.object({ count: z.int().positive() });

/** What a drain reports: milliseconds from the start of the work until everything was handled and closed. */
export const Drained = z.object({ ms: z.number().positive(), fault: z.string().optional() });

/** Asks ours to commit events at a steady rate, whether or not it keeps up. */
export const Pace = z.object({ perSecond: z.int().positive(), seconds: z.number().positive() });

/** The rate that was reached, and milliseconds from commit to handled. */
export const Paced = z.object({ count: z.int(), perSecond: z.number(), p50: z.number(), p99: z.number() });
