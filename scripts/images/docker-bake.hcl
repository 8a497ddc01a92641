# Both images for both architectures, with SBOM and provenance: add --push, or --load for one platform.
variable "REPOSITORY" { default = "tenfold" }
variable "VERSION" { default = "dev" }
# The commit, such as REVISION=$(git rev-parse HEAD).
variable "REVISION" { default = "" }

group "default" { targets = ["platform", "function"] }

target "common" {
  context    = "."
  dockerfile = "scripts/images/Dockerfile"
  args       = { VERSION = VERSION, REVISION = REVISION }
  platforms  = ["linux/amd64", "linux/arm64"]
  attest     = ["type=sbom", "type=provenance,mode=max"]
}

target "platform" {
  inherits = ["common"]
  target   = "platform"
  tags     = ["${REPOSITORY}/platform:${VERSION}"]
}

target "function" {
  inherits = ["common"]
  target   = "function"
  tags     = ["${REPOSITORY}/function:${VERSION}"]
}
