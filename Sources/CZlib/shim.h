// For compressed profiles and pages, with the library that libelf needs anyway.
// Only Compression imports this module.
#pragma once
#include <zlib.h>
