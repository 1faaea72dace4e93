-- The tables that the jobs load. Those of Spring Batch are made by the Java application (initialize-schema=always).
CREATE TABLE public.prices (id integer PRIMARY KEY, price integer);
CREATE TABLE public.trades (id integer PRIMARY KEY, price integer);
CREATE TABLE public.positions (id integer PRIMARY KEY, price integer);
CREATE TABLE public.accounts (id integer PRIMARY KEY, price integer);
