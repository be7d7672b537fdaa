import { randomUUID } from 'node:crypto';
import { settled } from '../api/bodies.ts';
import { delegated } from '../faults/idempotency/keyed.calls.ts';
import { countFaults, type Proof } from '../harness/proof.ts';
import { send, type Answer } from '../platform/http.ts';
import { must } from '../platform/people.ts';

/** As they stand in the JSON: some are no numbers at all. */
const AMOUNTS = [
  ...[
    '-1',
    '-0.01',
    '0',
    '-0',
    '0.5',
    '1.5',
    '1e-9',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e309',
    '-1e309',
    'null',
    'true',
  ],
  ...[
    '9007199254740993',
    '9223372036854775807',
    '9223372036854775808',
    '1e30',
    '"5"',
    '"-5"',
    '"NaN"',
    '[5]',
    '{}',
    '""',
  ],
  ...['0x10', '1_000', '01', '"5 USD"', '[]', '9007199254740991'],
];
const HOLD = { provider: 'openai', model: 'gpt-4o', maxInputTokens: 1_000, maxOutputTokens: 1_000 };

/** Amounts that are none, foreign currencies, and money that is settled twice: all are refused, and nothing moves. */
export const money: Proof = {
  id: 'S22',
  title: 'money inputs',
  gate: '0 accepted, 0 micro-units moved',
  async run({ platform, world }) {
    const faults: string[] = [];
    const person = await world.newcomer();
    await settled(person);
    const token = delegated(person, 'agent-orchestrator', platform);
    let requests = 0;
    const post = (path: string, body?: unknown): Promise<Answer> => {
      requests += 1;
      const headers = { 'idempotency-key': randomUUID() };
      return send(`${platform.urls['billing']}/internal/${path}`, { method: 'POST', token, body, headers });
    };
    const balance = async (): Promise<string> => {
      const { available, held } = must(await person.call('GET', '/billing/balance'), 'reading the balance');
      return `${String(available)} available, ${String(held)} held`;
    };
    const expectRefusal = async (what: string, answer: Promise<Answer>): Promise<void> => {
      const { status, text } = await answer;
      if (status < 400 || status >= 500) faults.push(`${what} is answered ${status}: ${text.slice(0, 100)}`);
    };
    const before = await balance();
    const place = async (): Promise<string> =>
      String(must(await post('holds', { ...HOLD, reference: randomUUID() }), 'placing a hold')['id']);

    for (const amount of AMOUNTS) {
      const charge = `{"reference":"${randomUUID()}","description":"x","amount":${amount}}`;
      await expectRefusal(`a charge of ${amount}`, post('charges', charge));
      const tokens = `{"reference":"${randomUUID()}","provider":"openai","model":"gpt-4o","maxOutputTokens":1,"maxInputTokens":${amount}}`;
      // Nothing to read is a size that a run may have.
      if (!['0', '-0'].includes(amount)) await expectRefusal(`a hold for ${amount} tokens`, post('holds', tokens));
    }
    const charge = { reference: randomUUID(), description: 'x', amount: 5 };
    for (const extra of [{ currency: 'EUR' }, { currency: 'JPY' }, { refund: true }, { kind: 'topup' }, { sign: -1 }])
      await expectRefusal(`a charge with ${JSON.stringify(extra)}`, post('charges', { ...charge, ...extra }));
    const open = await place();
    for (const amount of AMOUNTS.filter((one) => one !== '0' && one !== '-0'))
      await expectRefusal(`a capture of ${amount}`, post(`holds/${open}/capture`, `{"amount":${amount}}`));
    must(await post(`holds/${open}/release`), 'releasing a hold');
    // Given back twice, or spent after it was given back.
    const again = await post(`holds/${open}/release`);
    if (again.status >= 500) faults.push(`a second release is answered ${again.status}`);
    await expectRefusal('a capture after the release', post(`holds/${open}/capture`, { amount: 1 }));
    await expectRefusal('a release of nothing', post(`holds/${randomUUID()}/release`));
    const after = await balance();
    if (after !== before) faults.push(`the balance was ${before}, and is ${after}`);

    const spent = await place();
    must(await post(`holds/${spent}/capture`, { amount: 7 }), 'capturing a hold');
    const settledBalance = await balance();
    await expectRefusal('a second capture', post(`holds/${spent}/capture`, { amount: 8 }));
    const released = await post(`holds/${spent}/release`);
    if (released.status >= 500) faults.push(`a release after the capture is answered ${released.status}`);
    const last = await balance();
    if (last !== settledBalance) faults.push(`settled twice, the balance went from ${settledBalance} to ${last}`);
    const sums = await platform.database.query(
      `select 1 from billing.postings group by entry_id having sum(amount) <> 0`,
    );
    if (sums.length > 0) faults.push(`${sums.length} entries do not sum to zero`);
    return countFaults(faults, `${AMOUNTS.length} amounts, ${requests} requests`);
  },
};
