/* The Windows error codes that the calls end with; this side of the stand-in sees no Windows header. */
#ifndef STANDIN_CODES_H
#define STANDIN_CODES_H

enum code
{
    OK = 0,
    CODE_ACCESS_DENIED = 5,
    CODE_INVALID_HANDLE = 6,
    CODE_NOT_ENOUGH_MEMORY = 8,
    CODE_NOT_SUPPORTED = 50,
    CODE_INVALID_PARAMETER = 87,
    CODE_INSUFFICIENT_BUFFER = 122,
    CODE_NO_DATA = 232,
    CODE_OPERATION_ABORTED = 995
};

#endif
