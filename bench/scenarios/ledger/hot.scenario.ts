import { comparison } from '../../harness/comparison.ts';
import { faultOf, figureOf, measureRounds, ratioOf, type Round, type Sample } from '../../harness/rounds.ts';
import type { BenchContext, Scenario } from '../../harness/scenario.ts';
import { openBank } from './bank.ts';
import { BATCH } from './bare.sql.ts';
import { measureBare, measureOurs, measurePace } from './charge.load.ts';
import { ledgerReport } from './ledger.report.ts';

const CLIENTS = 32;
/** What storage behind a network takes longer than the disk of the machine that measures, or thereabouts. */
const SLOWER_US = 3_000;

const toldOf = (rounds: readonly Round[]): string => {
  const of = (side: string): string => figureOf(rounds, side)?.toFixed(0) ?? '–';
  const counts = faultOf(rounds, 'ours') === undefined && faultOf(rounds, 'peer') === undefined;
  return `${of('ours')}; ${of('peer')}; ${counts ? `${ratioOf(rounds, 'peer').ratio.toFixed(1)}×` : '–'}`;
};

const run = async (context: BenchContext) => {
  const { quick, say } = context;
  await using undo = new AsyncDisposableStack();
  const bank = await openBank(context, 1, undo);
  const seconds = quick ? 3 : 8;
  const sides: Record<string, () => Promise<Sample>> = {
    ours: () => measureOurs(bank, seconds),
    peer: () => measureBare(bank, 'hot', { clients: CLIENTS, seconds, each: 1 }),
    floor: () => measureBare(bank, 'batched', { clients: 2, seconds, each: BATCH }),
  };
  say('warming up');
  await bank.warmUp(quick ? 4 : 10);
  const measure = (sideNames: readonly string[], count: number): Promise<Round[]> =>
    measureRounds({
      sides: sideNames,
      rounds: count,
      measure: (side) => sides[side]?.() ?? Promise.reject(new Error(`there is no side ${side}`)),
      say,
    });
  const rounds = await measure(Object.keys(sides), quick ? 3 : 5);
  say('with slower commits');
  const slower = await bank.withSlowerCommits(SLOWER_US, () => measure(['ours', 'peer'], quick ? 1 : 3));
  const generatorAlone = await bank.generatorAlone(seconds);
  const paced = await measurePace(bank, Math.round((figureOf(rounds, 'ours') ?? 100) / 2), seconds);
  return ledgerReport({
    scenario: 'ledger-hot',
    title: 'Ledger: charges to one wallet through the HTTP API',
    rounds,
    peer: comparison(rounds, 'peer', `a function that locks the rows, ${CLIENTS} clients on one account`, 10),
    floor: `${BATCH} transfers a statement, drawn inside Postgres, 2 clients`,
    paced,
    generatorAlone,
    details: [
      {
        label: `with commits that take ${SLOWER_US / 1_000} ms longer: ours; row locks; ours ÷ row locks`,
        value: toldOf(slower),
      },
    ],
    method: [
      'The peer is the bare function with every transfer into one account, under pgbench: each transfer waits for the commit of the one before.',
      `How many times a row lock it is depends on how long a commit takes, which a row lock waits for each time: measured again with commit_delay, which makes each commit ${SLOWER_US / 1_000} ms longer.`,
      'The floor makes its transfers inside Postgres, checks no overdraft in order and answers nobody: the ceiling of the technique.',
    ],
  });
};

export const ledgerHot: Scenario = {
  name: 'ledger-hot',
  summary: 'charges of 32 clients to one wallet, against row locks and against batches inside Postgres',
  run,
};
