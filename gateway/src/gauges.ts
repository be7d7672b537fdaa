import type { GaugeSource } from '@atrium/service-kit';
import type { Redis } from 'ioredis';
import type { Sockets } from './live/sockets.ts';
import type { Upstream } from './forwarding/upstream.ts';

const STATES = { closed: 0, trying: 1, open: 2 } as const;

/** How the ways to the services are. */
export const upstreamGauges = (upstreams: readonly Upstream[]): GaugeSource => ({
  gauges: {
    gateway_breaker_state: { help: '0: closed, 1: one request tries, 2: open, nothing is sent', labels: ['upstream'] },
    gateway_upstream_running: { help: 'Ordinary requests under way at a service', labels: ['upstream'] },
  },
  read: () =>
    upstreams.flatMap(({ service: upstream, state }) => {
      const { breaker, running } = state();
      return [
        { name: 'gateway_breaker_state', labels: { upstream }, value: STATES[breaker] },
        { name: 'gateway_upstream_running', labels: { upstream }, value: running },
      ];
    }),
});

export const socketGauges = (sockets: Pick<Sockets, 'count'>): GaugeSource => ({
  gauges: { gateway_websockets: { help: 'WebSockets that are open here' } },
  read: () => [{ name: 'gateway_websockets', value: sockets.count() }],
});

/** Memory of the Redis that everybody shares; with `noeviction` a full one refuses writes. */
export const redisGauges = (redis: Redis): GaugeSource => ({
  gauges: {
    redis_memory_used_bytes: { help: 'Memory that Redis uses' },
    redis_memory_limit_bytes: { help: 'Memory that Redis may use, by its own limit or that of the machine' },
  },
  async read() {
    const info = await redis.info('memory');
    const read = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
    return [
      { name: 'redis_memory_used_bytes', value: read('used_memory') },
      { name: 'redis_memory_limit_bytes', value: read('maxmemory') || read('total_system_memory') },
    ];
  },
});
