import { HoldSettled, type EventEnvelope } from '@atrium/contracts';
import { newId } from '@atrium/service-kit';
import { seededRandom } from '../../harness/statistics.ts';

/** Events of a busy hour: many workspaces at once, a few events for each hold. */
const WORKSPACES = 50;
const EVENTS_A_KEY = 4;

/**
 * The same events for every side: real envelopes, workspaces mixed at random, `captured` counting up from 0 so that
 * order can be checked afterwards.
 */
export const makeEvents = (count: number): EventEnvelope[] => {
  const random = seededRandom(count);
  const workspaces = Array.from({ length: WORKSPACES }, newId);
  const holds = Array.from({ length: Math.ceil(count / EVENTS_A_KEY) }, () => ({
    holdId: newId(),
    workspaceId: workspaces[Math.floor(random() * WORKSPACES)] ?? '',
  }));
  return Array.from({ length: count }, (_, at) => {
    const hold = holds[Math.floor(random() * holds.length)];
    if (!hold) throw new RangeError('no events asked for');
    return {
      specversion: '1.0',
      id: newId(),
      source: '/atrium/bench',
      type: HoldSettled.type,
      time: new Date().toISOString(),
      subject: hold.holdId,
      datacontenttype: 'application/json',
      workspaceid: hold.workspaceId,
      data: { holdId: hold.holdId, reference: `run:${at}`, captured: at, released: 0, currency: 'USD' },
    };
  });
};

/** Cuts a list into pieces of at most `size`. */
export const inPieces = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** Runs `count` pieces of work, ten at once. */
export const tenAtATime = async (count: number, work: (number: number) => Promise<unknown>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 10 }, worker));
};
