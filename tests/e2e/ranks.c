/* SPDX-License-Identifier: MIT */
/* ranks.c - a program of MPI: each rank writes a file once all have come */
#include <mpi.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	char name[256];
	FILE *f;
	int rank = 0;
	int size = 0;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	MPI_Barrier(MPI_COMM_WORLD);
	snprintf(name, sizeof(name), "%s/part-%d.txt", argv[1], rank);
	f = fopen(name, "w");
	if (f) {
		fprintf(f, "%d of %d\n", rank, size);
		fclose(f);
	}
	MPI_Finalize();
	return f ? 0 : 1;
}
