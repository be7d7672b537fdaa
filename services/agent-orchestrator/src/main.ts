import { runAlone } from '@atrium/service-kit';
import { service } from './service.ts';

await runAlone(service, process.env);
