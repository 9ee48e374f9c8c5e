#!/usr/bin/env node
// Starts todoctl. Only syntax that Node 18 reads: an older Node must get as far as the check and be told.
import module from 'node:module';

/** The major version of package.json's engines. */
const NODE = 26;

if (Number.parseInt(process.versions.node, 10) < NODE) {
  const { runWithNewerNode } = await import('./older-node.js');
  runWithNewerNode(NODE, new URL('./run.js', import.meta.url));
} else {
  module.enableCompileCache();
  const { start } = await import('./start.js');
  await start();
}
