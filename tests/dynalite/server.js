// server.js FOLDER: dynalite on a free loopback port, in memory; its URL stands in FOLDER/url once it serves.
const fs = require('fs')
const path = require('path')
const { createRequire } = require('module')

const folder = path.resolve(process.argv[2])
const dynalite = createRequire(path.join(folder, 'package.json'))('dynalite')
const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
server.listen(0, '127.0.0.1', () => {
  const file = path.join(folder, 'url')
  fs.writeFileSync(file + '.new', `http://127.0.0.1:${server.address().port}\n`)
  fs.renameSync(file + '.new', file)
})
