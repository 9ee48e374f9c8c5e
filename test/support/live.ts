/** Whether tests may spend money at the real DigitalOcean; else why not. A pipeline never may, whatever else is set. */
export function isLive({ TODOCTL_LIVE, CI, DIGITALOCEAN_ACCESS_TOKEN, DIGITALOCEAN_API_URL }: NodeJS.ProcessEnv): true | string {
  if (TODOCTL_LIVE !== '1') return 'TODOCTL_LIVE=1 is not set';
  if (CI !== undefined && CI !== '' && CI !== 'false') return 'it spends money, so it never runs in CI';
  if (!DIGITALOCEAN_ACCESS_TOKEN) return 'DIGITALOCEAN_ACCESS_TOKEN is not set';
  return DIGITALOCEAN_API_URL ? 'DIGITALOCEAN_API_URL leads elsewhere' : true;
}
