import { afterEach, describe, expect, it } from '@jest/globals';
import { startFakeOtlp, type FakeOtlp } from '@atrium/testing';
import { openTracing } from '../src/index.ts';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const unsampled = parent.replace(/01$/, '00');
let sink: FakeOtlp | undefined;
afterEach(async () => {
  await sink?.close();
  sink = undefined;
});

const open = async (sampler: 'parentbased_always_on' | 'parentbased_traceidratio', ratio = 1, edge = false) => {
  sink = await startFakeOtlp();
  const config = {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_TRACES_SAMPLER: sampler,
    OTEL_TRACES_SAMPLER_ARG: ratio,
  };
  return { sink, tracing: await openTracing('somebody', config, { edge }) };
};

describe('spans', () => {
  it('are sent when the role closes, with their parents, and tell the class of a failure but not its text', async () => {
    const { sink, tracing } = await open('parentbased_always_on');
    const outer = tracing.begin('outer', { traceparent: parent, kind: 'server' });
    const inner = tracing.begin('inner', { traceparent: outer.traceparent, attributes: { 'a.count': 2 } });
    inner.end(Object.assign(new Error('the password is hunter2'), { code: 'ECONNREFUSED' }));
    outer.end();
    await tracing.close();
    const [first, second] = sink.spans;
    expect(first).toMatchObject({
      name: 'inner',
      service: 'somebody',
      parentSpanId: second?.spanId,
      status: { code: 2 },
    });
    expect(second).toMatchObject({ name: 'outer', traceId: parent.slice(3, 35), parentSpanId: parent.slice(36, 52) });
    expect(sink.bodies.join('')).toContain('ECONNREFUSED');
    expect(sink.bodies.join('')).not.toContain('hunter2');
  });

  it('follow what the caller decided, except at the edge', async () => {
    const inside = await open('parentbased_always_on');
    const left = inside.tracing.begin('left out', { traceparent: unsampled });
    expect(left.traceparent.slice(-2)).toBe('00');
    left.end();
    await inside.tracing.close();
    expect(inside.sink.spans).toEqual([]);
    await inside.sink.close();

    const edge = await open('parentbased_traceidratio', 0, true);
    const begun = edge.tracing.begin('a client wants to be traced', { traceparent: parent });
    expect(begun.traceparent.slice(-2)).toBe('00');
    begun.end();
    await edge.tracing.close();
    expect(edge.sink.spans).toEqual([]);
  });

  it('do not hold up the end of a role when no collector answers', async () => {
    const config = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_TRACES_SAMPLER: 'always_on' as const,
      OTEL_TRACES_SAMPLER_ARG: 1,
    };
    const tracing = await openTracing('somebody', config);
    tracing.begin('lost').end();
    const began = performance.now();
    await tracing.close();
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
