import { route, type Transactional } from '@atrium/service-kit';
import { ChangePreferences, PreferencesView } from './preference.schema.ts';
import { ChangeProfile, ProfileView, ReplaceProfile, viewProfile } from './profile.schema.ts';
import type { ProfileService } from './profile.service.ts';

/** What a person says about themselves, and how they want things. */
export const profileRoutes = ({ profiles }: { profiles: Transactional<ProfileService> }) => [
  route({
    method: 'get',
    path: '/me/profile',
    id: 'readProfile',
    summary: 'Your profile',
    permission: 'profile:read',
    response: ProfileView,
    handler: async ({ tenant }) => viewProfile(await profiles.read(tenant, (service) => service.profile())),
  }),
  route({
    method: 'patch',
    path: '/me/profile',
    id: 'changeProfile',
    summary: 'Change parts of your profile',
    permission: 'profile:write',
    body: ChangeProfile,
    bodyLimit: 32_768,
    response: ProfileView,
    handler: async ({ body, tenant }) =>
      viewProfile(await profiles.run(tenant, (service) => service.changeProfile(body))),
  }),
  route({
    method: 'put',
    path: '/users/profile',
    id: 'replaceProfile',
    summary: 'Write your profile anew',
    permission: 'profile:write',
    body: ReplaceProfile,
    bodyLimit: 32_768,
    response: ProfileView,
    handler: async ({ body, tenant }) =>
      viewProfile(await profiles.run(tenant, (service) => service.changeProfile(body))),
  }),
  route({
    method: 'get',
    path: '/me/preferences',
    id: 'readPreferences',
    summary: 'How you want things',
    permission: 'profile:read',
    response: PreferencesView,
    handler: ({ tenant }) => profiles.read(tenant, (service) => service.preferences()),
  }),
  route({
    method: 'patch',
    path: '/me/preferences',
    id: 'changePreferences',
    summary: 'Change how you want things',
    permission: 'profile:write',
    body: ChangePreferences,
    bodyLimit: 8_192,
    response: PreferencesView,
    handler: ({ body, tenant }) => profiles.run(tenant, (service) => service.changePreferences(body)),
  }),
];
