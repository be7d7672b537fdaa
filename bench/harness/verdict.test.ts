import { describe, expect, it } from '@jest/globals';
import type { Comparison, Report } from './scenario.ts';
import { passes, summaryLine } from './verdict.ts';

const floor: Comparison = { name: 'floor', figure: 100, ratio: 0.5, ci: [0.45, 0.55], goal: 0.5 };
const peer: Comparison = { name: 'peer', figure: 30, ratio: 1.6, ci: [1.1, 1.9], goal: 1.5 };
const reportOf = (change: Partial<Report>): Report => ({
  scenario: 'any',
  title: 'Any',
  unit: 'items/s',
  better: 'higher',
  ours: 50,
  peer,
  floor,
  limits: [],
  details: [],
  rounds: [],
  method: [],
  ...change,
});
const limit = { name: 'seconds', label: 'time', unit: 's', figure: 10 };

describe('passes', () => {
  it('when every goal is reached', () => expect(passes(reportOf({}))).toBe(true));

  it.each<[string, Partial<Report>]>([
    ['ours has no score', { ours: null }],
    ['the floor is too far', { floor: { ...floor, ratio: 0.49 } }],
    ['the floor was not measured', { floor: { ...floor, ratio: null, ci: null } }],
    ['the peer is too near', { peer: { ...peer, ratio: 1.49 } }],
    ['the interval against the peer reaches 1', { peer: { ...peer, ci: [1, 2] } }],
    ['the peer has no score', { peer: { ...peer, figure: null, ratio: null, ci: null } }],
    ['a figure is above its limit', { limits: [{ ...limit, most: 9.9 }] }],
    ['a figure is below its limit', { limits: [{ ...limit, least: 10.1 }] }],
  ])('not when %s', (_what, change) => expect(passes(reportOf(change))).toBe(false));

  it('without a peer, with sides for orientation only, and at the very bounds', () => {
    expect(passes(reportOf({ peer: null, floor: { ...floor, goal: null, ratio: null } }))).toBe(true);
    expect(passes(reportOf({ limits: [{ ...limit, most: 10, least: 10 }] }))).toBe(true);
  });
});

it('the summary has the ratios, the goals and the verdict in one line', () => {
  const line = summaryLine(reportOf({ limits: [{ ...limit, least: 11 }] }));
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toMatchObject({
    scenario: 'any',
    ratioPeer: 1.6,
    ratioFloor: 0.5,
    ci: { peer: [1.1, 1.9], floor: [0.45, 0.55] },
    goal: { peer: 1.5, floor: 0.5, seconds: 11 },
    pass: false,
  });
});
