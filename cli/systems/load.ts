import * as z from 'zod';
import { defineSystem } from './system.ts';

const settings = z.strictObject({
  rps: z.int().min(1).max(100_000).default(1000).describe('Requests per second.'),
  duration: z.string().regex(/^\d{1,4}[smh]$/).default('10m').describe('How long, like 10m.'),
  p95: z.int().min(1).default(100).describe('Milliseconds in which 95 of 100 requests are answered, else the run fails.'),
  users: z.int().min(1).max(100_000).default(100).describe('Users that the requests are of where no token is given.'),
});

/** A script for k6 that asks the API for what people ask of it: make, list and complete tasks. Running it is up to a person. */
export const load = defineSystem({
  id: 'load',
  needs: [],
  settings: settings.prefault({}),
  parts({ environment: { host } }, { rps, duration, p95, users }) {
    const view = {
      base: host === undefined ? '' : `https://${host}`,
      rps,
      duration,
      p95,
      users,
      // An answer that takes 200 ms keeps a virtual user for a fifth of a second; slower ones need more of them.
      virtualUsers: Math.ceil(rps / 5),
      mostVirtualUsers: Math.max(rps, 10),
    };
    return { artefacts: [{ owner: 'file', file: 'load/k6.js', template: 'load/k6.js.hbs', view }] };
  },
});
