// objects.cpp: what of C++ works: classes, virtual functions, static objects, templates, new and delete.
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/mnemos.h>
#include <stdio.h>
#include <stdlib.h>

namespace {

struct Shape {
    virtual ~Shape() {}
    virtual int area() const = 0;
};

struct Square : Shape {
    explicit Square(int side) : side(side) {}
    ~Square() override { printf("no square of %d\n", side); }
    int area() const override { return side * side; }
    int side;
};

Square global(3);

Square &local()
{
    static Square square(4);
    return square;
}

template <typename T> T larger(T a, T b)
{
    return a > b ? a : b;
}

} // namespace

int main()
{
    Shape *made = new Square(5);
    int sum = made->area() + global.area() + local().area();
    delete made;
    int *many = new int[10];
    delete[] many;
    printf("areas %d\n", larger(sum, 1));
    return mnemos_time_us() == 0 ? 1 : 0;
}
