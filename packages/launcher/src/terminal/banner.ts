import type { LauncherConfig } from '../config.ts';
import type { Home } from '../home/home.ts';
import { DEMO_EMAIL } from '../platform/demo.user.ts';
import type { Platform } from '../platform/platform.ts';
import { providersIn, sendsMail, takesCards } from '../roles.env.ts';

const modelLine = (config: LauncherConfig): string => {
  const providers = providersIn(config.env);
  return providers.includes('builtin')
    ? 'built-in assistant (set OPENAI_API_KEY, OPENAI_BASE_URL or ANTHROPIC_API_KEY for a model)'
    : providers.join(' and ');
};

/** What a person needs to know once everything runs. */
export const banner = (shown: {
  config: LauncherConfig;
  home: Home;
  platform: Pick<Platform, 'urls' | 'secrets' | 'backing'>;
  /** From the command to ready. */
  seconds: number;
  /** Whether the demo user can sign in. */
  demo: boolean;
}): string => {
  const { config, home, platform } = shown;
  const { gateway, ...services } = platform.urls;
  const dataDir = platform.backing.postgresDir;
  const elsewhere = dataDir && !dataDir.startsWith(home.dir) ? ` (Postgres: ${dataDir})` : '';
  const lines: [string, string][] = [
    ...(gateway
      ? ([
          ['Gateway', gateway],
          ['API docs', `${gateway}/docs`],
        ] satisfies [string, string][])
      : Object.entries(services)),
    ...(shown.demo
      ? ([
          ['Demo login', `${DEMO_EMAIL}  ${platform.secrets.demoPassword}`],
          ['', `(also in ${home.secretsFile})`],
        ] satisfies [string, string][])
      : []),
    ['Models', modelLine(config)],
    [
      'Mail',
      sendsMail(config.env)
        ? 'sent over SMTP'
        : `files in ${config.env.MAIL_DIR ?? home.mailDir} (set SMTP_URL to send)`,
    ],
    ['Payments', takesCards(config.env) ? 'stripe' : 'manual (no STRIPE_SECRET_KEY)'],
    ['Data', `${home.dir}${elsewhere}`],
    ['Logs', home.logsDir],
    ['Stop', 'Ctrl-C, or ./atrium stop'],
  ];
  const rows = lines.map(([name, value]) => `  ${name.padEnd(20)}${value}`);
  return `\nAtrium is ready after ${shown.seconds.toFixed(1)} s\n\n${rows.join('\n')}\n`;
};
