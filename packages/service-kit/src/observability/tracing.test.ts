import { describe, expect, it } from '@jest/globals';
import { withContext } from '../runtime/context.ts';
import { childTraceparent, inSpan, untraced, type Tracing } from './tracing.ts';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

describe('childTraceparent', () => {
  it('continues the trace and its sampling decision with a span of its own', () => {
    const child = childTraceparent(parent);
    expect(child).toMatch(TRACEPARENT);
    expect(child.slice(3, 35)).toBe(parent.slice(3, 35));
    expect(child.slice(36, 52)).not.toBe(parent.slice(36, 52));
    expect(child.slice(-2)).toBe('00');
  });

  it.each([undefined, '', 'x', '01-abc', parent.toUpperCase()])('begins a new trace for %p', (given) => {
    expect(childTraceparent(given)).toMatch(TRACEPARENT);
    expect(childTraceparent(given)).not.toBe(childTraceparent(given));
  });
});

describe('inSpan', () => {
  it('hands out a child of the given trace and passes on what the work does', async () => {
    expect(await inSpan('work', { traceparent: parent }, async (own) => own.slice(3, 35))).toBe(parent.slice(3, 35));
    await expect(inSpan('work', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('makes a child of what is current', async () => {
    const begun: unknown[] = [];
    const ended: unknown[] = [];
    const tracing: Tracing = {
      ...untraced,
      begin(name, options) {
        begun.push([name, options?.traceparent]);
        return { ...untraced.begin(name, options), end: (failure) => void ended.push(failure) };
      },
    };
    const refusal = new Error('refused');
    await withContext({ requestId: 'one', traceparent: parent, operation: 'test', tracing }, async () => {
      await inSpan('right', {}, async () => undefined);
      await inSpan('wrong', {}, () => Promise.reject(refusal)).catch(() => undefined);
    });
    expect(begun).toEqual([
      ['right', parent],
      ['wrong', parent],
    ]);
    expect(ended).toEqual([undefined, refusal]);
  });
});
