import { describe, expect, it } from '@jest/globals';
import { exampleOf } from '../api/schema.ts';
import { readArguments } from '../harness/arguments.ts';
import { countFaults, type OwnProof, type Proof } from '../harness/proof.ts';
import { createRandom } from '../harness/random.ts';
import { runProofs } from '../harness/run.ts';
import { quantile } from '../processes/recovery.ts';
import { jsonLine } from '../harness/report.ts';
import { strayFields } from '../security/fields/stray.ts';
import { areaUnderCurve } from '../security/guessing/timing.ts';
import { mutantsOf } from '../security/predicates/mutants.ts';

const proof: Proof = { id: 'S0', title: 'a proof', gate: '0 faults', run: async () => countFaults([], 'nothing') };
const suites = [{ name: 'security', summary: '', proofs: [proof] }];

describe('the command line', () => {
  it('chooses by id in any case, and keeps the seed', () => {
    expect(readArguments(['security', '--only', 's0', '--seed', '7', '--json'], suites)).toMatchObject({
      chosen: [proof],
      seed: 7,
      json: true,
      short: false,
    });
  });
  it.each([[['other']], [['security', '--only', 'S99']], [['security', '--seed', 'x']], [['--fast']]])(
    'refuses %j',
    (words) => expect(() => readArguments(words, suites)).toThrow(/Usage/),
  );
  it('says one line a proof', () =>
    expect(jsonLine({ proof, figure: 0, pass: true, detail: '', seconds: 1 }, 7)).toBe(
      '{"test":"S0","figure":0,"gate":"0 faults","pass":true,"seed":7}',
    ));
});

describe('a proof that brings its own platform', () => {
  const own: OwnProof = { ...proof, id: 'S1', alone: true, run: async () => countFaults([], 'nothing') };
  it('runs without a shared one, which the others need', async () => {
    const outcomes = await runProofs({ proofs: [own, proof], seed: 1, short: true, say: () => undefined });
    expect(outcomes.map(({ figure, pass }) => ({ figure, pass }))).toEqual([
      { figure: 0, pass: true },
      { figure: -1, pass: false },
    ]);
  });
});

describe('times', () => {
  it('are told by their share', () => {
    const times = [5, 1, 4, 2, 3];
    expect([quantile(times, 0.5), quantile(times, 0.95), quantile(times, 1), quantile([], 0.95)]).toEqual([3, 5, 5, 0]);
  });
});

describe('random numbers', () => {
  it('repeat with their seed, and differ with another', () => {
    const row = (seed: number): number[] => Array.from({ length: 5 }, createRandom(seed).next);
    expect(row(1)).toEqual(row(1));
    expect(row(1)).not.toEqual(row(2));
    expect(createRandom(3).shuffle([1, 2, 3, 4]).toSorted()).toEqual([1, 2, 3, 4]);
  });
});

describe('what would be a fault', () => {
  const schema = {
    type: 'object',
    properties: { id: { type: 'string' }, inner: { type: 'array', items: { type: 'object', properties: { a: {} } } } },
  };
  it('is a field that a schema does not list, and any secret', () => {
    expect(strayFields({ id: 'x', inner: [{ a: 1 }] }, schema)).toEqual([]);
    expect(strayFields({ id: 'x', inner: [{ a: 1, b: 2 }], role: 'owner' }, schema)).toEqual(['inner[].b', 'role']);
    expect(strayFields({ passwordHash: 'x' }, { type: 'object', properties: { passwordHash: {} } })).toEqual([
      'passwordHash',
    ]);
  });
  it('is a time that tells groups apart', () => {
    expect(areaUnderCurve([1, 2, 3], [10, 20, 30])).toBe(1);
    expect(areaUnderCurve([1, 2, 3, 4], [1, 2, 3, 4])).toBe(0.5);
  });
  it('is made by forgetting the tenant in each place in turn', () => {
    const text = 'update notes set workspace_id = $1 where workspace_id = $1 and id = $2';
    const mutants = mutantsOf([{ user: 'atrium_x', text, values: ['w', 'n'] }], 'w');
    expect(mutants.map((mutant) => mutant.text)).toEqual([
      'update notes set workspace_id = $1 where ($1::uuid is not null) and id = $2 returning *',
    ]);
    expect(mutantsOf([{ user: 'atrium_x', text: 'select 1', values: ['other'] }], 'w')).toEqual([]);
  });
  it('needs bodies that fit', () =>
    expect(
      exampleOf({
        type: 'object',
        properties: { a: { type: 'integer', minimum: 3 }, b: { enum: ['x'] } },
        required: ['a', 'b'],
      }),
    ).toEqual({ a: 3, b: 'x' }));
});
