#!/usr/bin/env node
// Runs the TypeScript sources as they are, without dist/ and without the manifest: for work on todoctl itself.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Config, handle, run } from '@oclif/core';
import { watchPipes } from './pipes.js';

const root = path.resolve(import.meta.dirname, '..');
const pjson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
pjson.oclif.commands = './cli/commands';
pjson.oclif.helpClass = './cli/help-class.ts';
watchPipes();
try {
  const config = await Config.load({ root, pjson, ignoreManifest: true });
  await run(process.argv.slice(2), config);
} catch (error) {
  await handle(error);
}
