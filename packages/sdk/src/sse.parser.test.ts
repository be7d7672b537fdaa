import { describe, expect, it } from '@jest/globals';
import { createSseParser } from './sse.parser.ts';

const STREAM = [
  '\uFEFFid: 1\nevent: text.delta\ndata: {"text":"a"}\n\n',
  ': heartbeat\n\n',
  'id: 2\r\nevent: text.delta\r\ndata: one\r\ndata: two\r\n\r\n',
  'retry: 1500\r\rdata:no space\r\r',
  'event: nothing\n\n',
  'id\ndata\n\n',
].join('');
const EVENTS = [
  { id: '1', type: 'text.delta', data: '{"text":"a"}' },
  { id: '2', type: 'text.delta', data: 'one\ntwo' },
  { id: '2', type: 'message', data: 'no space' },
  { id: '', type: 'message', data: '' },
];

describe('createSseParser', () => {
  it('reads the same events wherever the stream is cut', () => {
    for (let size = 1; size <= STREAM.length; size += 1) {
      const parser = createSseParser();
      const events = [];
      for (let at = 0; at < STREAM.length; at += size) events.push(...parser.read(STREAM.slice(at, at + size)));
      expect({ size, events }).toEqual({ size, events: EVENTS });
      expect(parser.retryMs).toBe(1500);
    }
  });

  it('keeps back an event that has not ended', () => {
    const parser = createSseParser();
    expect(parser.read('data: half')).toEqual([]);
    expect(parser.read('\n')).toEqual([]);
    expect(parser.read('\n')).toHaveLength(1);
  });
});
