import { expect, test } from 'vitest';
import { isLive } from './live.ts';

const ASKED = { TODOCTL_LIVE: '1', DIGITALOCEAN_ACCESS_TOKEN: 'dop_v1_0' };

test('money is spent only where a person asks for it, and never in CI', () => {
  expect(isLive(ASKED)).toBe(true);
  expect(isLive({})).toBe('TODOCTL_LIVE=1 is not set');
  expect(isLive({ ...ASKED, TODOCTL_LIVE: 'yes' })).toBe('TODOCTL_LIVE=1 is not set');
  expect(isLive({ ...ASKED, CI: 'true' })).toBe('it spends money, so it never runs in CI');
  expect(isLive({ ...ASKED, CI: '1' })).toBe('it spends money, so it never runs in CI');
  expect(isLive({ TODOCTL_LIVE: '1' })).toBe('DIGITALOCEAN_ACCESS_TOKEN is not set');
  expect(isLive({ ...ASKED, DIGITALOCEAN_API_URL: 'http://127.0.0.1:1' })).toBe('DIGITALOCEAN_API_URL leads elsewhere');
});
