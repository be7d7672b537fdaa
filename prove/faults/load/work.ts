import type { LoadPlan, LoadRequest } from './load.plan.ts';
import { readLoad, type Load, type LoadReading } from './load.ts';

/** Fewer good answers a second than this are no ceiling. */
const LEAST = 10;

/**
 * What so many clients get answered, each asking one thing after the other.
 * @throws Error when hardly anything is answered well
 */
export const ceilingOf = async (
  load: Load,
  plan: Omit<LoadPlan, 'clients' | 'perSecond'> & { clients: number },
): Promise<number> => {
  const reading = readLoad(await load.run(plan), plan.seconds);
  if (reading.goodput >= LEAST) return reading.goodput;
  const trouble = [...reading.other, ...(reading.shed.count > 0 ? [`${reading.shed.count} refused`] : [])].join(', ');
  throw new Error(`the ceiling cannot be measured: ${reading.goodput.toFixed(1)} good answers a second, ${trouble}`);
};

/**
 * How much of what the platform can do ends in good answers; about 1: all of it. Each answer counts as the share of a
 * second that one of its kind takes when all are of that kind. What changes something is let in before what reads and
 * costs more, so under more load answers become fewer and dearer: their number alone does not say what was lost.
 * @param ceilings answers a second of each kind alone
 */
export const workOf = ({ goodputOf }: LoadReading, ceilings: readonly number[]): number =>
  ceilings.reduce((sum, ceiling, kind) => sum + goodputOf(kind) / ceiling, 0);

/** Shares of what was sent that were answered well, for what reads and for what changes something. */
export const letIn = ({ rows }: LoadReading, requests: readonly LoadRequest[]): { reads: number; changes: number } => {
  const share = (isRead: boolean): number => {
    const sent = rows.filter(({ kind }) => (requests[kind]?.method === 'GET') === isRead);
    return sent.filter(({ status }) => status >= 200 && status < 300).length / sent.length;
  };
  return { reads: share(true), changes: share(false) };
};

/** When, after a load fell, the first half second began in which all was well and none of the following was not; ms. */
export const recoveryOf = (after: LoadReading, bearableMs: number): number => {
  const bad = after.rows.filter(({ status, took }) => status < 200 || status >= 300 || took > bearableMs);
  // A single slow or refused one of a hundred is what a machine does.
  const slots = Map.groupBy(after.rows, ({ at }) => Math.floor(at / 500));
  const badSlots = [...Map.groupBy(bad, ({ at }) => Math.floor(at / 500))]
    .filter(([slot, some]) => some.length > (slots.get(slot)?.length ?? 0) * 0.02)
    .map(([slot]) => slot);
  return badSlots.length === 0 ? 0 : (Math.max(...badSlots) + 1) * 500;
};
