import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { anomaliesOf, seeded, type BankDoor, type ProofResult } from './bank.door.ts';

const HOLD = { provider: 'openai', model: 'gpt-4o', maxInputTokens: 100_000, maxOutputTokens: 25_000 };

interface Workspace {
  readonly workspaceId: string;
  readonly token: string;
  /** What billing acknowledged as spent. */
  spent: number;
}

const TRIES = 10;
const PAUSE_MS = 200;

/** Asks again with the same key while nobody knows what happened, as a client does. */
const insisting =
  (post: BankDoor['post']): BankDoor['post'] =>
  async (...call) => {
    for (let tries = 1; ; tries += 1) {
      const answer = await post(...call);
      if (tries === TRIES || (answer && answer.status < 500 && answer.status !== 409)) return answer;
      await sleep(PAUSE_MS);
    }
  };

const charge = (amount: number) => ({ reference: randomUUID(), amount, description: 'bank' });

/**
 * Clients at once against few wallets, near their floor all the time: what billing acknowledged must be what the books
 * say, nothing may pass the floor, and of rivals for the same money exactly those win that it covers.
 */
export const proveBank = async (
  door: BankDoor,
  { clients, operations, workspaces, seed }: { clients: number; operations: number; workspaces: number; seed: number },
): Promise<ProofResult> => {
  const post = insisting(door.post);
  const random = seeded(seed);
  const pick = <One>(list: readonly One[]): One => list[Math.floor(random() * list.length)] as One;
  const banks: Workspace[] = [];
  for (let count = 0; count < workspaces; count += 1) banks.push({ ...(await door.open()), spent: 0 });
  let [left, lost, refused] = [operations, 0, 0];

  const client = async (): Promise<void> => {
    const open: { bank: Workspace; id: string }[] = [];
    while (left > 0) {
      left -= 1;
      const bank = pick(banks);
      const place = Math.floor(random() * open.length);
      const mine = open[place];
      const drawn = random();
      if (drawn < 0.4) {
        const asked = charge(1 + Math.floor(random() * 5));
        const answer = await post(bank.token, 'charges', asked, asked.reference);
        if (answer?.status === 201) bank.spent += asked.amount;
        else if (answer?.status === 402) refused += 1;
        else lost += 1;
      } else if (drawn < 0.7 || !mine) {
        const reference = randomUUID();
        const answer = await post(bank.token, 'holds', { ...HOLD, reference }, reference);
        if (answer?.status === 201) open.push({ bank, id: (JSON.parse(answer.text) as { id: string }).id });
        else if (answer?.status === 402) refused += 1;
        else lost += 1;
      } else {
        open.splice(place, 1);
        const amount = drawn < 0.85 ? Math.floor(random() * 20) : 0;
        const path = amount > 0 ? 'capture' : 'release';
        const body = amount > 0 ? { amount } : undefined;
        const answer = await post(mine.bank.token, `holds/${mine.id}/${path}`, body, randomUUID());
        if (answer?.status === 200) mine.bank.spent += amount;
        else lost += 1;
      }
    }
    for (const { bank, id } of open) await post(bank.token, `holds/${id}/release`, undefined, randomUUID());
  };
  await Promise.all(Array.from({ length: clients }, client));

  let lostUpdates = 0;
  for (const { workspaceId, spent } of banks) {
    const rows = await door.query<{ kind: string; balance: string }>(
      'select kind, balance from billing.accounts where workspace_id = $1',
      [workspaceId],
    );
    const balance = (kind: string): number => Number(rows.find((row) => row.kind === kind)?.balance);
    if (balance('spent') !== spent || balance('wallet') !== door.credit - spent || balance('held') !== 0)
      lostUpdates += 1;
  }

  /** Rivals for money that covers only some of them, on accounts that nothing was ever booked on. */
  const rivalry = async (share: number, winners: number, paths: readonly ('charges' | 'holds')[]): Promise<number> => {
    const { token } = await door.open();
    const answers = await Promise.all(
      Array.from({ length: clients }, (_, at) => {
        const reference = randomUUID();
        if (paths[at % paths.length] === 'charges')
          return post(token, 'charges', { ...charge(door.credit * share), reference }, reference);
        const maxInputTokens = (door.credit * share * 2) / 5;
        return post(token, 'holds', { ...HOLD, maxInputTokens, maxOutputTokens: 0, reference }, reference);
      }),
    );
    return answers.filter((answer) => answer?.status === 201).length === winners ? 0 : 1;
  };
  let [phantoms, skews] = [0, 0];
  for (let times = 0; times < Math.max(3, operations / 5_000); times += 1) {
    phantoms += await rivalry(0.4, 2, ['charges']);
    skews += await rivalry(0.6, 1, ['charges', 'holds']);
  }

  const details = { ...(await anomaliesOf(door)), lostUpdates, phantoms, skews, unanswered: lost };
  const figure = Object.values(details).reduce((sum, count) => sum + count, 0);
  return {
    test: 'bank',
    figure,
    gate: '= 0',
    pass: figure === 0 && refused > 0,
    seed,
    details: { ...details, refused, operations },
  };
};
