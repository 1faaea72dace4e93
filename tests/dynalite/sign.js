// sign.js FOLDER: an independent signer. Reads one request a line as JSON: { url, region, service, headers, body,
// accessKeyId, secretAccessKey, sessionToken }, with X-Amz-Date among the headers, and prints its Authorization.
const path = require('path')
const { createRequire } = require('module')

const aws4 = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'))('aws4')
for (const line of require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const said = JSON.parse(line)
  const request = {
    host: new URL(said.url).host, path: new URL(said.url).pathname, method: 'POST', service: said.service,
    region: said.region, headers: said.headers, body: said.body, extraHeadersToIgnore: { 'content-length': true },
  }
  console.log(aws4.sign(request, said).headers.Authorization)
}
