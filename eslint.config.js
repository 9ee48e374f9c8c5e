import tseslint from 'typescript-eslint';
import { floors } from './eslint-rules/floors.js';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', '.todoctl/', 'coverage/'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { house: { rules: { floors } } },
    rules: {
      'house/floors': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ['cli/commands/**/*.ts'], rules: { 'max-lines': ['error', { max: 60, skipBlankLines: true }] } },
  { files: ['services/*/main.ts'], rules: { 'max-lines': ['error', { max: 60, skipBlankLines: true }] } },
  { files: ['test/**/*.ts'], rules: { 'max-lines': 'off' } },
);
