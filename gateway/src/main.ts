import { runAlone } from '@atrium/service-kit';
import { gateway } from './service.ts';

await runAlone(gateway, process.env);
