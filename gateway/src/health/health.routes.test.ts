import { describe, expect, it } from '@jest/globals';
import { overall } from './health.routes.ts';

const of = (...all: ('ready' | 'degraded' | 'unready')[]) => overall(all.map((status) => ({ status, checks: {} })));

describe('overall', () => {
  it('is as well as the worst', () => {
    expect(of('ready', 'ready')).toBe('ready');
    expect(of('ready', 'degraded')).toBe('degraded');
    expect(of('degraded', 'unready', 'ready')).toBe('unready');
  });
});
