import { restartUnderLoad, startSlowModel, type RollingReport } from '@atrium/testing';
import { countFaults, type OwnProof } from '../harness/proof.ts';
import { onProcesses, peopleWithMoney } from '../processes/scene.ts';

const WORDS = 60;
const PAUSE_MS = 50;
const MOST_SECONDS = 30;
const LONG = { rounds: 20, perSecond: 30, streams: 8, sockets: 40, withinMs: 12 * 60_000 };
const SHORT = { rounds: 1, perSecond: 20, streams: 4, sockets: 8 };

const faultsOf = ({ requests, streams, sockets }: RollingReport, expected: number): string[] => [
  ...Object.entries(requests.failed).map(([what, count]) => `${count} × ${what}`),
  ...streams.lost.map((why) => `a stream was lost: ${why}`),
  ...Object.entries(sockets.closed).flatMap(([code, count]) =>
    code === '1012' ? [] : [`${count} WebSockets were closed with ${code}`],
  ),
  ...(sockets.lost > 0 ? [`${sockets.lost} WebSockets could not connect again`] : []),
  ...(streams.ended === 0 ? ['no stream was read to its end'] : []),
  ...(sockets.reconnected < expected ? [`only ${sockets.reconnected} of ${expected} WebSockets were told to go`] : []),
];

/** Every role is replaced behind its socket, one after the other, while people use the platform. */
export const rollingRestart: OwnProof = {
  id: 'R10',
  alone: true,
  title: 'rolling restart',
  gate: '0 answers that are not 2xx, connections reset, streams or WebSockets lost',
  async run(context) {
    const plan = context.short ? SHORT : LONG;
    const model = await startSlowModel(WORDS, PAUSE_MS);
    const settings = {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: model.url,
      DEFAULT_MODEL: 'fake-model',
      WELCOME_CREDIT: '1000000000',
      SOCKETS_PER_USER: '1000',
    };
    try {
      return await onProcesses(context, { settings, hold: true }, async (scene) => {
        const { platform } = scene;
        const [person] = await peopleWithMoney(scene, 1);
        if (!person) throw new Error('nobody is there');
        const roles = Object.keys(platform.roles);
        const report = await restartUnderLoad({
          ...plan,
          client: { gateway: platform.gateway, token: () => person.token },
          roles,
          replace: async (role) => platform.roles[role]?.replace(),
          said: (line) => context.short || context.say(line),
        });
        const { requests, before, streams, sockets, restarts, slowestSeconds } = report;
        const faults = [...faultsOf(report, (report.restarts / roles.length) * plan.sockets), ...platform.ended()];
        // A crowded machine decides how long so few take; the long form is held to the time.
        if (!context.short && slowestSeconds > MOST_SECONDS) faults.push(`a role took ${slowestSeconds} s`);
        return countFaults(
          faults,
          `${restarts} restarts (${restarts / roles.length} of ${plan.rounds} rounds), the slowest ${slowestSeconds} s; ${requests.sent} requests (${plan.perSecond}/s), p99 ${requests.p99} ms (${before.p99} before); ${streams.ended} streams read whole, ${streams.resumed} times resumed; ${sockets.reconnected} WebSockets connected again`,
        );
      });
    } finally {
      await model.close();
    }
  },
};
