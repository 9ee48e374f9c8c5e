// What the image starts: the service that SERVICE names. Node itself gets the signals, there is no shell in between.
const service = process.env['SERVICE'] ?? '';
if (!/^[a-z][a-z0-9-]*$/.test(service)) {
  console.error('SERVICE must name the service that is to run');
  process.exit(64);
}
await import(`./dist/services/${service}/main.js`);
