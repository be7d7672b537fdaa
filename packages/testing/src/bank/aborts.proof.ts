import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { anomaliesOf, seeded, type BankAnswer, type BankDoor, type ProofResult } from './bank.door.ts';

const HOLD = { provider: 'openai', model: 'gpt-4o', maxInputTokens: 1_000, maxOutputTokens: 1_000 };
const TRIES = 50;
/** Answers that were not as they should be, of which the result tells. */
const MOST_SEEN = 5;

/**
 * Runs that break off at random: clients hang up in the middle, and database connections are cut. Whoever got no answer
 * asks again with the same key; some never settle their hold. In the end every hold is closed and nothing drifted.
 * @param cut cuts the service's database connections
 */
export const proveAborts = async (
  door: BankDoor,
  { runs, seed, cut }: { runs: number; seed: number; cut: () => Promise<void> },
): Promise<ProofResult> => {
  const random = seeded(seed);
  const tokens: string[] = [];
  for (let count = 0; count < 8; count += 1) tokens.push((await door.open()).token);
  const countHolds = async (): Promise<number> => (await door.query(`select 1 from billing.holds`)).length;
  const holdsBefore = await countHolds();
  let [left, unsettled, changed, refused, aborted, acknowledged] = [runs, 0, 0, 0, 0, 0];
  const seen: string[] = [];
  const tell = (what: string, path: string, answers: readonly BankAnswer[]): void => {
    if (seen.length < MOST_SEEN)
      seen.push([what, path, ...answers.map(({ status, text }) => `${status} ${text}`)].join(' '));
  };

  /** Asks until there is an answer that says what happened; hangs up on some of the first tries. */
  const settle = async (token: string, path: string, body: unknown): Promise<BankAnswer | undefined> => {
    const key = randomUUID();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const hangUp = tries < 3 && random() < 0.4 ? Math.floor(random() * 15) : undefined;
      const answer = await door.post(token, path, body, key, hangUp);
      if (answer && answer.status < 500 && answer.status !== 409) {
        // There is credit for all of it, so nothing that money or the state of a hold has against it.
        if (answer.status >= 400) {
          refused += 1;
          tell('refused', path, [answer]);
        }
        const again = random() < 0.2 ? await door.post(token, path, body, key) : undefined;
        if (again && again.status < 500 && again.status !== 409 && again.text !== answer.text) {
          changed += 1;
          tell('changed', path, [answer, again]);
        }
        return answer;
      }
      aborted += 1;
      await sleep(5 + random() * 20);
    }
    unsettled += 1;
    return undefined;
  };

  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const token = tokens[Math.floor(random() * tokens.length)] as string;
      const placed = await settle(token, 'holds', { ...HOLD, reference: randomUUID() });
      if (placed?.status !== 201) continue;
      acknowledged += 1;
      const { id } = JSON.parse(placed.text) as { id: string };
      const drawn = random();
      if (drawn < 0.5)
        await settle(token, `holds/${id}/capture`, { amount: Math.floor(random() * 5_000), overCapture: 'limit' });
      else if (drawn < 0.75) await settle(token, `holds/${id}/release`, undefined);
    }
  };
  let done = false;
  const cutting = (async () => {
    while (!done) {
      await sleep(100 + random() * 400);
      await cut();
    }
  })();
  await Promise.all(Array.from({ length: 16 }, client));
  done = true;
  await cutting;

  await door.query(`update billing.holds set expires_at = now() where status = 'open'`);
  let open = 1;
  for (let tries = 0; tries < 200 && open > 0; tries += 1) {
    await sleep(100);
    open = (await door.query(`select 1 from billing.holds where status = 'open'`)).length;
  }
  const surplus = (await countHolds()) - holdsBefore - acknowledged;
  const details = {
    ...(await anomaliesOf(door)),
    openHolds: open,
    duplicates: Math.max(surplus, 0),
    lost: Math.max(-surplus, 0),
    changed,
    refused,
    unsettled,
  };
  const figure = Object.values(details).reduce((sum, count) => sum + count, 0);
  return {
    test: 'aborts',
    figure,
    gate: '= 0',
    pass: figure === 0 && aborted > 0,
    seed,
    details: { ...details, aborted, runs },
    ...(seen.length > 0 ? { seen } : {}),
  };
};
