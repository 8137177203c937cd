/*
 * A library with the entry points of NVML that Caderno calls. Each card is a
 * line of the file STATE, which a test writes: energy in mJ and power in mW,
 * "-" where the card has none.
 */
#include <stdio.h>
#include <string.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, DRIVER_NOT_LOADED = 9, LOST = 15 };

static char lines[8][96];

static int readLines(void) {
  FILE *file = fopen(STATE, "r");
  if (!file) return -1;
  int count = 0;
  while (count < 8 && fgets(lines[count], sizeof lines[count], file)) count++;
  fclose(file);
  return count;
}

int nvmlInit_v2(void) {
  return readLines() < 0 ? DRIVER_NOT_LOADED : SUCCESS;
}

int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int code) {
  return code == DRIVER_NOT_LOADED ? "Driver Not Loaded" : "Unknown Error";
}

int nvmlDeviceGetCount_v2(unsigned *count) {
  int n = readLines();
  *count = n < 0 ? 0 : n;
  return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
  *device = (void *)(long)(index + 1);
  return SUCCESS;
}

int nvmlDeviceGetName(void *device, char *name, unsigned length) {
  snprintf(name, length, "NVIDIA Fake %ld", (long)device - 1);
  return SUCCESS;
}

static int readNumber(void *device, int column, unsigned long long *value) {
  char cells[2][32];
  int index = (int)((long)device - 1);
  if (readLines() <= index) return LOST;
  if (sscanf(lines[index], "%31s %31s", cells[0], cells[1]) != 2) return LOST;
  if (strcmp(cells[column], "-") == 0) return NOT_SUPPORTED;
  return sscanf(cells[column], "%llu", value) == 1 ? SUCCESS : LOST;
}

int nvmlDeviceGetTotalEnergyConsumption(void *device,
                                        unsigned long long *millijoules) {
  return readNumber(device, 0, millijoules);
}

int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts) {
  unsigned long long value = 0;
  int code = readNumber(device, 1, &value);
  *milliwatts = (unsigned)value;
  return code;
}
