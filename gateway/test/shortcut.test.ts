import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createMatcher } from '../src/entry/route.match.ts';
import { routes } from '../src/routes.table.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../nginx/site/shortcut.conf.example');

describe('the way past the gateway that nginx can take', () => {
  it('leads to the service that the gateway would ask, with a token', () => {
    const example = readFileSync(EXAMPLE, 'utf8');
    const places = /\(\?<place>([^)]+)\)/.exec(example)?.[1]?.split('|') ?? [];
    const services = new Map(
      [...example.matchAll(/^ {2}([\w/]+) ([\w-]+):\d+;$/gm)].map(([, place, to]) => [place, to]),
    );
    expect([...services.keys()]).toEqual(places);
    expect(places).toHaveLength(9);
    const match = createMatcher(routes);
    for (const [place, to] of services) {
      expect(match('GET', `/api/v1/${place}/x`)).toMatchObject({ path: `/api/v1/${place}`, to });
      expect(match('GET', `/api/v1/${place}/x`)?.public).toBeUndefined();
    }
  });
});
