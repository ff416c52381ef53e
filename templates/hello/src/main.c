/* @NAME@: says hello, and to whom. */
#include <mnemos/mnemos.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct mnemos_info info;
    mnemos_info(&info);

    printf("Hello, mnemOS!\n");
    printf("%s runs on %s with kernel %s", argv[0], info.board, info.kernel);
    if (argc > 1) printf(" and was given %d arguments", argc - 1);
    printf(".\n");
    return 0;
}
