import { randomUUID } from 'node:crypto';
import { settled } from '../../api/bodies.ts';
import type { ProofContext } from '../../harness/proof.ts';
import type { Answer } from '../../platform/http.ts';
import type { Person } from '../../platform/people.ts';
import type { Ambush } from '../ambush.ts';
import type { Ask, KeyedCall } from './keyed.calls.ts';
import { endsSession, limited, racing, secretOnly } from './reviewed.ts';
import { recordsOf, rowsAtRest, rowsBecoming } from './rows.ts';

/** One operation under trial. */
export interface Trial {
  readonly call: KeyedCall;
  readonly schema: string;
  readonly audited: boolean;
  readonly context: ProofContext;
  readonly ambush: Ambush;
  fault(text: string): void;
  sent(requests: number): void;
}

/** A request of which nobody knows whether it was carried out, to be sent again later. */
export interface Unknown {
  readonly person: Person;
  readonly ask: Ask;
  readonly key: string;
  readonly rows: string;
  readonly answer: Answer;
}

const done = ({ status }: Answer): boolean => status < 300;
const isReplay = ({ headers }: Answer): boolean => headers['idempotency-replayed'] === 'true';
const same = (one: Answer, other: Answer): boolean => one.status === other.status && one.text === other.text;
const told = ({ status, text }: Answer): string => `${status} ${text.slice(0, 120)}`;

const somebody = async ({ call, context }: Trial): Promise<{ person: Person; ask: Ask; key: string }> => {
  const person = await call.cast(context.world);
  await settled(person);
  return { person, ask: await call.prepare(person, context.platform), key: `prove-${randomUUID()}` };
};

/** Says it again: the first answer must come, byte for byte, or word that the session ended by it. */
const expectReplay = (trial: Trial, when: string, first: Answer, again: Answer): void => {
  if (trial.call.id in endsSession && again.status === 401) return;
  if (!same(first, again)) trial.fault(`${when}: first ${told(first)}, then ${told(again)}`);
  else if (!isReplay(again)) trial.fault(`${when}: the answer does not say that it is a replay`);
};

const expectOneEffect = async (trial: Trial, when: string, person: Person, rows: string): Promise<void> => {
  const { platform } = trial.context;
  if (!(trial.call.id in racing)) {
    const found = await rowsBecoming(platform, trial.schema, person, rows);
    if (found !== rows) trial.fault(`${when}: rows are ${found}, of one request they are ${rows}`);
  }
  if (!trial.audited) return;
  const records = await recordsOf(platform, trial.schema, person, trial.call.id);
  if (records !== 1) trial.fault(`${when}: done ${records} times by the audit log`);
};

/** Twice with one key, then another request with it, then somebody else with it. @returns the rows of one effect */
export const twice = async (trial: Trial): Promise<string> => {
  const { person, ask, key } = await somebody(trial);
  const [first, again] = [await ask.send(key), await ask.send(key)];
  trial.sent(2);
  if (!done(first)) trial.fault(`the first request is refused: ${told(first)}`);
  expectReplay(trial, 'sent twice', first, again);
  const rows = await rowsAtRest(trial.context.platform, trial.schema, person);
  await expectOneEffect(trial, 'sent twice', person, rows);
  if (trial.call.id in secretOnly) {
    const other = await ask.sendInvalid(key);
    trial.sent(1);
    if (other.status !== 422) trial.fault(`another body under the key: ${told(other)}`);
  } else if (!(trial.call.id in endsSession)) {
    const other = await (await trial.call.prepare(person, trial.context.platform)).send(key);
    trial.sent(1);
    if (other.status !== 422) trial.fault(`another request under the key: ${told(other)}`);
  }
  return rows;
};

/** Somebody else of the same workspace uses the same key for something of their own. */
export const another = async (trial: Trial): Promise<void> => {
  const { world, platform } = trial.context;
  const [person, key] = [await trial.call.cast(world), `prove-${randomUUID()}`];
  await settled(person);
  const role = person.role === 'owner' ? 'owner' : 'member';
  const colleague = await world.joining({ ...person, role: 'owner' }, role);
  const mine = await (await trial.call.prepare(person, platform)).send(key);
  const theirs = await (await trial.call.prepare(colleague, platform)).send(key);
  trial.sent(2);
  if (!done(mine) || !done(theirs) || isReplay(theirs))
    trial.fault(`the key of somebody else: ${told(mine)}, then ${told(theirs)}`);
};

/** Many at once: one is carried out; the others are told the same, or that it is under way. */
export const atOnce = async (trial: Trial, rows: string): Promise<void> => {
  const { person, ask, key } = await somebody(trial);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask.send(key)));
  trial.sent(50);
  const carried = answers.filter((answer) => done(answer) && !isReplay(answer));
  const [first] = carried;
  if (carried.length !== 1 || !first) trial.fault(`50 at once: ${carried.length} were carried out`);
  for (const answer of answers) {
    // Fifty at once may find no connection in time: that is told with 503, and whoever asks again with the key is served.
    const shed = answer.status === 503 && answer.text.includes('"database.unavailable"');
    if (answer.status === 409 || shed || ([429, 503].includes(answer.status) && trial.call.id in limited)) continue;
    if (answer.status === 401 && trial.call.id in endsSession) continue;
    if (!first || !same(first, answer)) {
      trial.fault(`50 at once: one was told ${told(answer)}`);
      break;
    }
  }
  if (first) expectReplay(trial, 'after 50 at once', first, await ask.send(key));
  await expectOneEffect(trial, '50 at once', person, rows);
};

/** A refusal and a failure leave the key free: the next request is carried out. */
export const afterFailure = async (trial: Trial, rows: string): Promise<void> => {
  const { person, ask, key } = await somebody(trial);
  const refused = trial.call.body ? await ask.sendInvalid(key) : undefined;
  if (refused && refused.status !== 422) trial.fault(`a body that is not valid: ${told(refused)}`);
  trial.ambush.lay(key, 'lose');
  const failed = await ask.send(key);
  trial.ambush.spare(key);
  trial.sent(refused ? 3 : 2);
  if (!trial.ambush.sprung(key)) trial.fault('its commit was not found on the line to Postgres');
  else if (failed.status < 500) trial.fault(`a lost commit: ${told(failed)}`);
  const first = await ask.send(key);
  if (!done(first) || isReplay(first)) trial.fault(`after a failure: ${told(first)}`);
  expectReplay(trial, 'after a failure', first, await ask.send(key));
  await expectOneEffect(trial, 'after a failure', person, rows);
};

/** It is committed and nobody hears of it. */
export const unheard = async (trial: Trial, rows: string): Promise<Unknown> => {
  const { person, ask, key } = await somebody(trial);
  trial.ambush.lay(key, 'hide');
  const answer = await ask.send(key);
  trial.sent(1);
  if (!trial.ambush.sprung(key)) trial.fault('its commit was not found on the line to Postgres');
  // The service may have found out by itself: then it tells what it must tell for ever, and that it was done before.
  else if (answer.status < 500 && !done(answer)) trial.fault(`a commit without a reply: ${told(answer)}`);
  else if (done(answer) && !isReplay(answer))
    trial.fault('a commit without a reply: done again, or not said to be a replay');
  return { person, ask, key, rows, answer };
};

/** After the crash: what was committed is told as if nothing had happened. */
export const recalled = async (trial: Trial, { person, ask, key, rows, answer }: Unknown): Promise<void> => {
  const [first, again] = [await ask.send(key), await ask.send(key)];
  trial.sent(2);
  const ended = trial.call.id in endsSession && first.status === 401;
  if (!ended && (!done(first) || !isReplay(first))) trial.fault(`after a crash: ${told(first)}`);
  if (!ended) expectReplay(trial, 'after a crash', first, again);
  if (!ended && done(answer)) expectReplay(trial, 'told before the crash', answer, first);
  await expectOneEffect(trial, 'after a crash', person, rows);
};
