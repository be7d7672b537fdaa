import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { addGauges, type GaugeSource } from './gauges.ts';
import { createMetrics } from './metrics.ts';

const silent = pino({ level: 'silent' });
const scrape = async (sources: readonly GaugeSource[]) => {
  const metrics = createMetrics('test');
  addGauges(metrics, sources, silent);
  return { text: await metrics.registry.metrics(), again: () => metrics.registry.metrics() };
};

describe('gauges', () => {
  it('are read together, once for scrapes that come close together', async () => {
    let reads = 0;
    const { text, again } = await scrape([
      {
        gauges: { rooms: { help: 'Rooms', labels: ['kind'] }, doors: { help: 'Doors' } },
        read() {
          reads += 1;
          return [
            { name: 'rooms', labels: { kind: 'big' }, value: 2 },
            { name: 'doors', value: 5 },
          ];
        },
      },
    ]);
    expect(text).toContain('rooms{kind="big",service="test"} 2');
    expect(text).toContain('doors{service="test"} 5');
    await again();
    expect(reads).toBe(1);
  });

  it('are left out when they cannot be read in time, and counted, without holding up the others', async () => {
    const began = performance.now();
    const { text, again } = await scrape([
      { gauges: { stuck: { help: 'Never read' } }, read: () => new Promise<never>(() => undefined) },
      { gauges: { broken: { help: 'Not read' } }, read: () => Promise.reject(new Error('no')) },
      { gauges: { fine: { help: 'Read' } }, read: () => [{ name: 'fine', value: 1 }] },
    ]);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(text).not.toMatch(/^(?:stuck|broken)\b/m);
    expect(text).toContain('fine{service="test"} 1');
    expect(await again()).toContain('gauges_unread_total{gauge="stuck",service="test"} 1');
  });
});
