import { describe, expect, it } from '@jest/globals';
import { LauncherError } from './failure.ts';
import { chooseRoles, roles } from './roles.ts';

const namesOf = (words: string[]): string[] => chooseRoles(words, roles).map(({ name }) => name);

describe('chooseRoles', () => {
  it('takes every role when none is named', () => {
    expect(namesOf([])).toEqual(roles.map(({ name }) => name));
    expect(namesOf(['all'])).toHaveLength(6);
  });

  it('takes names separated by commas or spaces, in the order of the table', () => {
    expect(namesOf(['gateway,auth'])).toEqual(['auth', 'gateway']);
    expect(namesOf(['billing,', ' document'])).toEqual(['billing', 'document']);
  });

  it('names the roles it does not know and those there are', () => {
    const choose = (): unknown => chooseRoles(['billing,invoices'], roles);
    expect(choose).toThrow(LauncherError);
    expect(choose).toThrow('invoices');
  });
});

describe('roles', () => {
  it('have ports, schemas and settings of their own', () => {
    for (const field of ['name', 'offset'] as const) {
      expect(new Set(roles.map((role) => role[field])).size).toBe(roles.length);
    }
    const schemas = roles.flatMap(({ schema }) => schema ?? []);
    expect(schemas.toSorted()).toEqual(['agent', 'auth', 'billing', 'calendar', 'document']);
  });

  it('start the gateway last, so that it is the first to stop', () => {
    expect(roles.at(-1)?.name).toBe('gateway');
  });
});
