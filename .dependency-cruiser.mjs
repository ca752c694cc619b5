/** Who may import whom. `npm run architecture` checks it; each comment says why. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

const own = '^(adapters/[^/]+)/'

export default {
  forbidden: [
    rule('no-ring', 'files that import each other in a ring cannot be understood one by one', {}, { circular: true }),
    rule(
      'adapter-knows-the-contract-and-itself',
      'an adapter imports core/contract.ts, its own folder and packages, so that adding one touches nothing else',
      { path: own },
      { path: '^(core|adapters|mappings|test)/', pathNot: ['^core/contract\\.ts$', '^$1/'] },
    ),
    rule(
      'mapping-knows-the-contract-and-itself',
      'a department never knows another',
      { path: '^(mappings/[^/]+)/' },
      { path: '^(core|adapters|mappings|test)/', pathNot: ['^core/contract\\.ts$', '^$1/'] },
    ),
    rule(
      'core-finds-adapters-in-their-folders',
      'core never names an adapter or a mapping: they are found in their folders',
      { path: '^core/' },
      { path: '^(adapters|mappings)/' },
    ),
    rule('nobody-imports-tests', 'tests are not part of the product', { path: '^(core|adapters|mappings)/' }, { path: '^test/' }),
    rule(
      'the-path-knows-no-machine',
      'the data path, up and down, works on interfaces: it does not know SQLite or AMQP',
      { path: '^core/(pipeline|decide|publisher|source-runner|accept|deliver|delivery-attempt)\\.ts$' },
      { path: '^core/(store/(?!(store|inbox-store)\\.ts)|transport/(?!transport\\.ts))|^node_modules/(amqplib|better-sqlite3)' },
    ),
    rule(
      'the-language-knows-no-machine',
      'core/canonical imports nothing of core but errors',
      { path: '^core/canonical/' },
      { path: '^core/', pathNot: ['^core/canonical/', '^core/errors\\.ts$'] },
    ),
    rule(
      'supervision-is-computed',
      'supervision is a function of messages and files: it knows no store, no broker and no clock',
      { path: '^core/supervision/' },
      { path: '^core/(store/(?!catalogue-store\\.ts)|transport|platform|cli|flows|gateway\\.ts)' },
    ),
    rule(
      'the-floor-stands-on-nothing',
      'errors are used everywhere and so import nothing',
      { path: '^core/errors\\.ts$' },
      { path: '.' },
    ),
    rule(
      'observers-act-through-verbs',
      'the log only listens to events',
      { path: '^core/cli/log\\.ts$' },
      { path: '^core/(store|transport|pipeline)' },
    ),
    rule('no-missing-module', 'what is imported must be there', {}, { couldNotResolve: true }),
    rule(
      'no-undeclared-package',
      'a package that is used is in package.json',
      { path: '^(core|adapters|mappings)/' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
