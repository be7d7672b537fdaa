import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';

describe('a test', () => {
  it('cannot reach another machine', async () => {
    await expect(fetch('http://192.0.2.1/')).rejects.toThrow();
    expect(() => connect(80, '192.0.2.1')).toThrow('tests reach this machine only');
  });
});
