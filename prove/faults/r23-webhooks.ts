import {
  eventually,
  liveSeason,
  runStripeStorm,
  startFakeStripe,
  type BegunTopUp,
  type FakeStripe,
  type Season,
} from '@atrium/testing';
import { settled } from '../api/bodies.ts';
import { inParallel } from '../harness/pool.ts';
import { countFaults, type Proof } from '../harness/proof.ts';
import { must, type Person } from '../platform/people.ts';
import { startPlatform, type Platform } from '../platform/platform.ts';
import { createWorld } from '../platform/world.ts';

const PEOPLE = 7;
const CENTS = 1_000;
const MICROS = 10_000;
const AUTOMATIC = { threshold: 5e9, amount: 500 * MICROS, mostPerDay: 500 * MICROS, mostPerMonth: 500 * MICROS };
/** Time for everything that was taken to be worked off. */
const WORKED_OFF_MS = 900_000;

const count = async ({ database }: Platform, sql: string, values: unknown[] = []): Promise<number> => {
  const [row] = await database.query<{ count: number }>(`select count(*)::int as count from ${sql}`, values);
  return row?.count ?? -1;
};

const DUE = `billing.jobs where state = 'running' or (state = 'queued' and run_at <= now() + interval '1 minute')`;
const idle = (platform: Platform): Promise<unknown> =>
  eventually(async () => (await count(platform, DUE)) === 0, WORKED_OFF_MS);

/** A card of somebody, and a rule that charges it once. */
const chargeCard = async (platform: Platform, stripe: FakeStripe, hook: string, person: Person): Promise<void> => {
  const { url } = must(await person.call('POST', '/billing/payment-methods'), 'beginning a card');
  const mark = stripe.events.length;
  stripe.saveCard(String(url).split('/').at(-1) ?? '');
  for (const event of stripe.events.slice(mark)) await stripe.deliver(hook, event);
  await idle(platform);
  must(await person.call('PUT', '/billing/auto-top-up', { enabled: true, ...AUTOMATIC }), 'setting a rule');
};

/** What the books of one person should say. */
const judgePerson = async (platform: Platform, person: Person, credit: number): Promise<string[]> => {
  const faults: string[] = [];
  const fault = (text: string): void => void faults.push(`workspace ${person.workspaceId}: ${text}`);
  const trial = must(await person.call('GET', '/billing/trial-balance'), 'reading the books');
  if (trial['balanced'] !== true || trial['total'] !== 0) fault(`books are off by ${String(trial['total'])}`);
  const balances = new Map(
    (trial['accounts'] as { kind: string; balance: number }[]).map(({ kind, balance }) => [kind, balance]),
  );
  const left = (balances.get('wallet') ?? 0) + (balances.get('owed') ?? 0) + (balances.get('granted') ?? 0);
  if (left !== credit * MICROS) fault(`${left} micro-units are left of its payments, and should be ${credit * MICROS}`);
  const { checks, reconciled } = must(await person.call('GET', '/billing/reconcile'), 'reconciling');
  const drifts = (checks as { name: string; drift: number }[]).filter(({ drift }) => drift !== 0);
  if (reconciled !== true) fault(`does not reconcile: ${JSON.stringify(drifts)}`);
  const numbers = await platform.database.query<{ number: string }>(
    `select number from billing.invoices where workspace_id = $1 order by number`,
    [person.workspaceId],
  );
  if (numbers.some(({ number }, at) => Number(number) !== at + 1)) fault('its invoices have gaps');
  return faults;
};

/** What was booked for everybody together. */
const judgeEntries = async (platform: Platform, season: Season): Promise<string[]> => {
  const { paid, refunds, disputes, won } = season;
  const expected = { topup: paid + PEOPLE, refund: refunds, dispute: disputes, dispute_reversal: won };
  const faults: string[] = [];
  for (const [kind, number] of Object.entries(expected)) {
    const found = await count(platform, 'billing.entries where kind = $1', [kind]);
    if (found !== number) faults.push(`${found} entries of ${kind}, and there should be ${number}`);
  }
  const [sum] = await platform.database.query<{ sum: string }>(
    `select coalesce(sum(amount), 0)::text as sum from billing.postings`,
  );
  if (sum?.sum !== '0') faults.push(`all postings sum to ${sum?.sum}`);
  return faults;
};

/** Stripe's deliveries on their worst day, at the gateway. */
export const webhooks: Proof = {
  id: 'R23',
  title: 'deliveries of Stripe',
  gate: '0 spoiled deliveries taken, effects beyond or short of the distinct events, books that drift',
  async run({ seed, short, say }) {
    const topUps = short ? 105 : 3_000;
    const stripe = await startFakeStripe();
    await using undo = new AsyncDisposableStack();
    undo.defer(() => stripe.close());
    const platform = await startPlatform({ ...stripe.settings, DATABASE_POOL: '10' });
    undo.defer(() => platform.close());
    const hook = `${platform.gateway}/api/v1/billing/webhooks/stripe`;
    const world = createWorld(platform);
    const people = await Promise.all(Array.from({ length: PEOPLE }, () => world.newcomer()));
    await Promise.all(people.map(settled));
    for (const person of people) await chargeCard(platform, stripe, hook, person);
    await idle(platform);
    const mark = stripe.events.findIndex(({ type }) => type === 'payment_intent.succeeded');
    const begun: BegunTopUp[] = [];
    await inParallel(
      Array.from({ length: topUps }, (_one, at) => at),
      8,
      async (at) => {
        const person = people[at % PEOPLE] as Person;
        const answer = await person.call('POST', '/billing/topups', { amountCents: CENTS });
        const { checkoutUrl } = must(answer, 'beginning a top-up');
        begun.push({ owner: person.workspaceId, sessionId: String(checkoutUrl).split('/').at(-1) ?? '' });
      },
    );
    say(`${topUps} top-ups begun`);
    const season = liveSeason(stripe, begun, CENTS);
    const events = stripe.events.slice(mark).filter(({ type }) => !/^(?:setup_intent|payment_method)\./.test(type));
    const report = await runStripeStorm({ url: hook, secret: stripe.webhookSecret, events, seed });
    say(`storm: ${JSON.stringify(report)}`);
    await idle(platform);
    const faults: string[] = [];
    const { deliveries, distinct, refused, bad, badAccepted, stale, staleAccepted } = report;
    if (refused > 0) faults.push(`${refused} honest deliveries were refused`);
    if (badAccepted + staleAccepted > 0)
      faults.push(`${badAccepted} with a bad signature and ${staleAccepted} stale taken`);
    if (bad === 0 || stale === 0 || deliveries <= distinct) faults.push('the storm was none');
    const spoiled = await count(platform, `billing.stripe_events where id like '%xbad' or id like '%xstale'`);
    if (spoiled > 0) faults.push(`${spoiled} spoiled deliveries were kept`);
    const ids = events.map(({ id }) => id);
    const applied = await count(platform, `billing.stripe_events where id = any ($1) and status = 'applied'`, [ids]);
    if (applied !== distinct) faults.push(`${applied} events had their effect, of ${distinct}`);
    faults.push(...(await judgeEntries(platform, season)));
    for (const person of people) {
      const credit = (season.credit.get(person.workspaceId) ?? 0) + 500;
      faults.push(...(await judgePerson(platform, await world.again(person), credit)));
    }
    return countFaults(
      faults,
      [
        `${deliveries} deliveries of ${distinct} distinct events: ${bad} badly signed, ${stale} too old, some twice and`,
        `in another order; ${season.paid} payments by checkout and ${PEOPLE} of saved cards, ${season.refunds} refunds,`,
        `${season.disputes} disputes`,
      ].join(' '),
    );
  },
};
