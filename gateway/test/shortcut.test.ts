import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createMatcher } from '../src/entry/route.match.ts';
import { routes } from '../src/routes.table.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../nginx/site/shortcut.conf.example');

describe('the way past the gateway that nginx can take', () => {
  it('leads to the service that the gateway would ask, with a token', () => {
    const lines = [...readFileSync(EXAMPLE, 'utf8').matchAll(/"~\^\/api\/v1\/\(?([\w|/]+)\)?\(.*" ([\w-]+):\d+;/g)];
    expect(lines).toHaveLength(4);
    const match = createMatcher(routes);
    for (const [, places = '', to] of lines) {
      for (const place of places.split('|')) {
        expect(match('GET', `/api/v1/${place}/x`)).toMatchObject({ path: `/api/v1/${place}`, to });
        expect(match('GET', `/api/v1/${place}/x`)?.public).toBeUndefined();
      }
    }
  });
});
