// For trying by hand: `node test/simulators/digitalocean/main.ts [speed]` runs until Ctrl-C, by itself and 60 times as fast as real time.
import { startDigitalOcean } from './start.ts';

const api = await startDigitalOcean({ speed: Number(process.argv[2] ?? 60), others: 40 });
console.log(`export DIGITALOCEAN_API_URL=${api.url} DIGITALOCEAN_ACCESS_TOKEN=${api.token}`);
process.once('SIGINT', () => {
  for (const { method, path, status } of api.requests) console.log(`${method} ${path} ${status ?? 'no answer'}`);
  void api[Symbol.asyncDispose]();
});
