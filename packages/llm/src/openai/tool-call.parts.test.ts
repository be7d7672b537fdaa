import { describe, expect, it } from '@jest/globals';
import { createToolCallAssembly } from './tool-call.parts.ts';
import type { ToolCallPart } from './tool-call.parts.ts';

const assemble = (...parts: ToolCallPart[]) => {
  const assembly = createToolCallAssembly();
  for (const part of parts) assembly.add(part);
  return assembly.finish();
};

describe('streamed tool calls', () => {
  it('puts parts together by index, also when they are mixed', () => {
    expect(
      assemble(
        { index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } },
        { index: 1, id: 'b', function: { name: 'two', arguments: '' } },
        { index: 0, function: { arguments: ':1}' } },
        { index: 1, function: { arguments: '{"y":2}' } },
      ),
    ).toEqual([
      { id: 'a', name: 'one', arguments: { x: 1 } },
      { id: 'b', name: 'two', arguments: { y: 2 } },
    ]);
  });

  it('takes whole calls without an index, with or without ids, and arguments that are objects', () => {
    expect(
      assemble(
        { function: { name: 'one', arguments: '{"x":1}' } },
        { function: { name: 'one', arguments: { x: 2 } } },
        { id: 'c', function: { name: 'two' } },
      ),
    ).toEqual([
      { id: 'call_0', name: 'one', arguments: { x: 1 } },
      { id: 'call_1', name: 'one', arguments: { x: 2 } },
      { id: 'c', name: 'two', arguments: {} },
    ]);
  });

  it('continues the last call when a part has neither index nor id nor name', () => {
    expect(
      assemble({ id: 'a', function: { name: 'one', arguments: '{"x"' } }, { function: { arguments: ':1}' } }),
    ).toEqual([{ id: 'a', name: 'one', arguments: { x: 1 } }]);
  });

  it('keeps the text of arguments that are no JSON object', () => {
    expect(assemble({ index: 0, id: 'a', function: { name: 'one', arguments: '{"x":' } })).toEqual([
      { id: 'a', name: 'one', arguments: {}, invalidArguments: '{"x":' },
    ]);
    expect(assemble({ index: 0, id: 'a', function: { name: 'one', arguments: '[1]' } })[0]?.invalidArguments).toBe(
      '[1]',
    );
  });
});
