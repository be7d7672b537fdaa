import { postTo, proveAborts, proveBank, type BankDoor } from '@atrium/testing';
import { settled } from '../api/bodies.ts';
import type { Finding, Proof } from '../harness/proof.ts';
import { must } from '../platform/people.ts';
import { resign } from '../platform/tokens.ts';

const TWO_HOURS = 7_200;

/** Many at once near the floor of few wallets: nothing is overspent, lost or counted twice, even when clients hang up. */
export const bank: Proof = {
  id: 'R21',
  title: 'concurrency anomalies of the books',
  gate: '0 anomalies, balances below the floor, holds left open',
  async run({ platform, world, seed, short, say }): Promise<Finding> {
    const opened = await world.newcomer();
    await settled(opened);
    const credit = Number(must(await opened.call('GET', '/billing/balance'), 'reading the balance')['available']);
    const url = platform.urls['billing'] ?? '';
    const door: BankDoor = {
      credit,
      post: postTo(url),
      query: (sql, parameters) => platform.database.query(sql, parameters),
      async open() {
        const person = await world.newcomer();
        await settled(person);
        const exp = Math.floor(Date.now() / 1_000) + TWO_HOURS;
        const token = resign(person.token, { act: { sub: 'agent-orchestrator' }, exp }, platform.privateKey);
        return { workspaceId: person.workspaceId, token };
      },
    };
    const operations = short ? 1_500 : 200_000;
    const runs = short ? 60 : 1_000;
    const books = await proveBank(door, { clients: 32, operations, workspaces: 4, seed });
    say(`bank: ${JSON.stringify(books.details)}`);
    const aborts = await proveAborts(door, { runs, seed, cut: async () => platform.postgres['billing']?.reset() });
    const told = ({ details, seen }: typeof books): string => JSON.stringify({ ...details, seen });
    return {
      figure: books.figure + aborts.figure,
      pass: books.pass && aborts.pass,
      detail: [
        `${operations} operations of 32 clients, ${runs} runs with hang-ups and cut database connections`,
        `bank: ${told(books)}`,
        `aborts: ${told(aborts)}`,
      ].join('\n'),
    };
  },
};
