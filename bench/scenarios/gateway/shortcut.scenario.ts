import { comparison } from '../../harness/comparison.ts';
import { cpuOf, faultOf, figureOf } from '../../harness/rounds.ts';
import type { BenchContext, Scenario } from '../../harness/scenario.ts';
import { NGINX_VERSION, startEdge, startNginx } from '../../infra/nginx.ts';
import { setGatewayStage } from './gateway.sides.ts';

const run = async (context: BenchContext) => {
  const { pinning, say } = context;
  await using undo = new AsyncDisposableStack();
  const { runtimeDir, address, ours: gateway, measure } = await setGatewayStage(context, undo);
  const place = { runtimeDir, prefix: pinning.sut, say };
  const ours = await startEdge(place, new URL(gateway.url).host, address);
  undo.defer(() => ours.stop());
  const floor = await startNginx(place, address);
  undo.defer(() => floor.stop());
  const { rounds, alone } = await measure({ ours, peer: gateway, floor }, ['ours', 'peer']);
  const fault = faultOf(rounds, 'ours');
  return {
    scenario: 'gateway-shortcut',
    title: 'Short cut: nginx, the kept yes of the gateway, and the service',
    unit: 'requests/s',
    better: 'higher' as const,
    ours: fault === undefined ? (figureOf(rounds, 'ours') ?? null) : null,
    ...(fault === undefined ? {} : { fault }),
    peer: comparison(rounds, 'peer', 'the same read through the gateway, without nginx', null),
    floor: comparison(rounds, 'floor', `nginx ${NGINX_VERSION} without a check`, 0.6),
    limits: [],
    details: ['ours', 'peer', 'floor'].flatMap((side) => [
      { label: `CPU per request, ${side}`, value: `${((cpuOf(rounds, side) ?? 0) * 1_000).toFixed(0)} µs` },
      { label: `latency at full load, ${side}: p99`, value: `${(figureOf(rounds, side, 'p99Ms') ?? 0).toFixed(2)} ms` },
      { label: `generator alone ÷ ${side}`, value: `${(alone / (figureOf(rounds, side) ?? alone)).toFixed(1)}×` },
    ]),
    rounds,
    method: [
      'wrk with one thread and 32 connections, each sending its next request when it has the last answer (closed loop).',
      'Ours is nginx as this repository configures it, with the short cut open: one worker, access log, limits by address and token that are never reached, security headers; the gateway runs beside it and is asked once for two seconds.',
      'The upstream stands in for the service, which would verify the token once more.',
      'The floor is an nginx that hands everything on, with one worker, kept connections and no log.',
      'Ours must refuse a request without a token and one with a forged token; all answers must be 2xx and come from the upstream.',
    ],
  };
};

export const gatewayShortcut: Scenario = {
  name: 'gateway-shortcut',
  summary: 'the same page from nginx past the gateway, its yes kept for two seconds',
  run,
};
