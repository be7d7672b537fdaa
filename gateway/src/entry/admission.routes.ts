import { route, type Route } from '@atrium/service-kit';
import type { Admit } from './admission.ts';

/** Where a proxy in front asks whether a token would be let in. */
export const ADMISSION_PATH = '/edge/admission';

export const admissionRoutes = (admit: Admit): Route[] => [
  route({
    method: 'get',
    path: ADMISSION_PATH,
    surface: 'root',
    id: 'checkAdmission',
    summary: 'Whether this token would be let in; for a proxy in front, which may keep the answer for a moment',
    permission: 'public',
    errors: [401],
    handler: async ({ req, res }) => {
      await admit(req, res);
    },
  }),
];
