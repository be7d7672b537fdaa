import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.ts';
import type { Scenario } from './scenario.ts';

const scenarios: Scenario[] = ['events', 'auth-login', 'auth-refresh', 'authority'].map((name) => ({
  name,
  summary: name,
  run: () => Promise.reject(new Error('not run here')),
}));
const chosenBy = (...words: string[]) => readArguments(words, scenarios).chosen.map(({ name }) => name);

describe('readArguments', () => {
  it('chooses everything by itself', () => {
    expect(readArguments([], scenarios)).toEqual({ quick: false, json: false, chosen: scenarios });
    expect(readArguments(['--quick', '--json'], scenarios)).toMatchObject({ quick: true, json: true });
  });

  it('chooses by name, by the part before a hyphen, several times and in lists, in the order of the scenarios', () => {
    expect(chosenBy('--only', 'auth-login')).toEqual(['auth-login']);
    expect(chosenBy('--only', 'auth')).toEqual(['auth-login', 'auth-refresh']);
    expect(chosenBy('--only', 'auth-refresh', '--only', 'events')).toEqual(['events', 'auth-refresh']);
    expect(chosenBy('--only', 'authority,events')).toEqual(['events', 'authority']);
  });

  it('tells how it is used when it does not understand', () => {
    expect(() => chosenBy('--only', 'nothing')).toThrow(/no scenario nothing[\s\S]*auth-login, auth-refresh/);
    expect(() => chosenBy('--fast')).toThrow(/Usage: \.\/atrium bench/);
  });
});
