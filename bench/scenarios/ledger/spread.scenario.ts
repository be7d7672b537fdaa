import { figureOf, measureRounds } from '../../harness/rounds.ts';
import type { BenchContext, Scenario } from '../../harness/scenario.ts';
import { openBank } from './bank.ts';
import { measureBare, measureOurs, measurePace } from './charge.load.ts';
import { ledgerReport } from './ledger.report.ts';

const WORKSPACES = 1_000;
const CLIENTS = 32;

const run = async (context: BenchContext) => {
  const { quick, say } = context;
  await using undo = new AsyncDisposableStack();
  const bank = await openBank(context, WORKSPACES, undo);
  const seconds = quick ? 3 : 8;
  say('warming up');
  await bank.warmUp(quick ? 4 : 10);
  const rounds = await measureRounds({
    sides: ['ours', 'floor'],
    rounds: quick ? 3 : 5,
    measure: (side) =>
      side === 'ours'
        ? measureOurs(bank, seconds)
        : measureBare(bank, 'spread', { clients: CLIENTS, seconds, each: 1 }),
    say,
  });
  const generatorAlone = await bank.generatorAlone(seconds);
  const paced = await measurePace(bank, Math.round((figureOf(rounds, 'ours') ?? 100) / 2), seconds);
  return ledgerReport({
    scenario: 'ledger-spread',
    title: `Ledger: charges to ${WORKSPACES} workspaces through the HTTP API`,
    rounds,
    peer: null,
    floor: `the bare SQL function under pgbench, ${CLIENTS} clients, prepared`,
    paced,
    generatorAlone,
    method: [
      'The bare function writes a key, two balances with an overdraft check and two postings; no tenants, no answers, no chain of hashes.',
    ],
  });
};

export const ledgerSpread: Scenario = {
  name: 'ledger-spread',
  summary: 'charges spread over many workspaces, against a bare SQL function',
  run,
};
